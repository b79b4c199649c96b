/**
 * Runs the real collector for Windows by a PowerShell of this machine, on simulated nodes: functions stand for what only
 * Windows has. PowerShell is `pwsh` on the path, or KUBEVIGIL_PWSH.
 * Tested by test/nodes/collector/windows.test.ts.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { windowsCollector } from '../lambda/nodes/script.ts';

/** A file of a node; `sddl` is its security descriptor, by default one that SYSTEM and Administrators write and Users read. */
export type WindowsFile = { text: string | Buffer; sddl?: string };

export type WindowsProcess = {
  name: string;
  commandLine: string | null;
  exe: string | null;
  pid: number;
  parent?: number;
  /** 0 by default, where services are. */
  session?: number;
  /** Security identifier of its account; SYSTEM's by default. */
  owner?: string;
  /** Seconds since the epoch. */
  startedAt: number;
};

export type WindowsNode = {
  name?: string;
  /** Of Windows: `10.0.20348` by default. */
  version?: string;
  addresses?: string[];
  processes: WindowsProcess[];
  services?: { name: string; pid: number }[];
  files: Record<string, string | Buffer | WindowsFile>;
  /** Symbolic links: path → target, both of Windows. */
  links?: Record<string, string>;
};

const DESCRIPTOR = 'O:BAG:SYD:PAI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)';

/** What the script calls and only Windows has. */
const STANDINS = `
$ErrorActionPreference = 'Stop'
function Get-CimInstance { param($ClassName, $Filter)
  $node = Get-Content -Raw -LiteralPath "$env:KUBEVIGIL_ROOT/node.json" | ConvertFrom-Json
  switch ($ClassName) {
    'Win32_OperatingSystem' { New-Object PSObject -Property @{ Version = $node.version; CSName = $node.name } }
    'Win32_NetworkAdapterConfiguration' { New-Object PSObject -Property @{ IPAddress = $node.addresses } }
    'Win32_Service' { foreach ($s in $node.services) { New-Object PSObject -Property @{ Name = $s.name; ProcessId = $s.pid } } }
    'Win32_Process' { foreach ($p in $node.processes) { New-Object PSObject -Property @{
      Name = $p.name; ProcessId = $p.pid; ParentProcessId = $p.parent; SessionId = $p.session; OwnerSid = $p.owner
      CommandLine = $p.commandLine; ExecutablePath = $p.exe
      CreationDate = (New-Object DateTime 1970, 1, 1, 0, 0, 0, ([DateTimeKind]::Utc)).AddMilliseconds($p.startedAt * 1000).ToLocalTime() } } }
    default { throw "no stand-in for $ClassName" }
  }
}
function Invoke-CimMethod { param($InputObject, $MethodName) New-Object PSObject -Property @{ Sid = $InputObject.OwnerSid } }
function Get-Acl { param($LiteralPath)
  $key = $LiteralPath.Substring($env:KUBEVIGIL_ROOT.Length)
  $node = Get-Content -Raw -LiteralPath "$env:KUBEVIGIL_ROOT/acl.json" | ConvertFrom-Json
  New-Object PSObject -Property @{ Sddl = $node.$key }
}
`;

/** The PowerShell that tests run, if there is one: `-Version` is asked once. */
export const powershell: string | undefined = [process.env.KUBEVIGIL_PWSH, 'pwsh'].find(
  (each) => each !== undefined && each !== '' && spawnSync(each, ['-Version'], { stdio: 'ignore' }).status === 0,
);

/** Where a path of Windows lies below the directory. */
const placeOf = (directory: string, path: string) => join(directory, path.slice(0, 1), ...path.slice(3).split('\\'));

function writeNode(directory: string, { files, links = {}, ...node }: WindowsNode): void {
  const descriptors: Record<string, string> = {};
  const made = (path: string) => {
    const place = placeOf(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  };
  for (const [path, file] of Object.entries(files)) {
    const { text, sddl = DESCRIPTOR } = typeof file === 'string' || Buffer.isBuffer(file) ? { text: file } : file;
    const place = made(path);
    writeFileSync(place, text);
    utimesSync(place, 1_790_000_000, 1_790_000_000 - 3600);
    descriptors[place.slice(directory.length)] = sddl;
  }
  for (const [path, target] of Object.entries(links)) {
    const place = made(path);
    symlinkSync(placeOf(directory, target), place);
    descriptors[place.slice(directory.length)] = DESCRIPTOR;
  }
  const { name = 'EC2AMAZ-SIM', version = '10.0.20348', addresses = [], services = [] } = node;
  const processes = node.processes.map((each) => ({ parent: 0, session: 0, owner: 'S-1-5-18', ...each }));
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'node.json'), JSON.stringify({ name, version, addresses, services, processes }));
  writeFileSync(join(directory, 'acl.json'), JSON.stringify(descriptors));
}

/** Runs the script on each of these nodes, in one PowerShell, and returns what each printed. Rejects where there is none. */
export async function collectWindows(
  nodes: readonly WindowsNode[],
  script: string = windowsCollector(),
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-windows-'));
  try {
    const roots = nodes.map((node, index) => {
      const root = join(folder, `node-${index}`);
      writeNode(root, node);
      return root;
    });
    writeFileSync(join(folder, 'collect.ps1'), script);
    const each = `foreach ($root in $args) { $env:KUBEVIGIL_ROOT = $root; & '${folder}/collect.ps1' }`;
    writeFileSync(join(folder, 'all.ps1'), `${STANDINS}${each}\n`);
    const words = ['-NoProfile', '-NonInteractive', '-File', join(folder, 'all.ps1'), ...roots];
    const { stdout } = await promisify(execFile)(powershell ?? 'pwsh', words, { maxBuffer: 64 * 1024 * 1024 });
    return stdout.split('\n').slice(0, nodes.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
