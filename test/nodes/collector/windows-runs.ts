/** What the collector for Windows makes of nodes, where this machine has a PowerShell; many nodes share one. */
import assert from 'node:assert/strict';
import { unwrap } from '../../../lambda/nodes/answer/envelope.ts';
import { readAnswer } from '../../../lambda/nodes/answer/evidence.ts';
import { collectWindows, powershell, type WindowsNode } from '../../../simulator/windows-collector.ts';

/** Options of a test that needs it. */
export const needsPowershell = powershell
  ? {}
  : { skip: 'PowerShell is not installed on this machine (pwsh, or KUBEVIGIL_PWSH)' };

/** The text inside each node's envelope, and the evidence that is read from it. */
export async function collectedOnWindows(nodes: readonly WindowsNode[], script?: string) {
  return (await collectWindows(nodes, script)).map((stdout) => {
    assert.match(stdout, /^kubevigil\/1 \d+ [0-9a-f]{64} \S+$/);
    const unwrapped = unwrap(stdout);
    assert.ok('text' in unwrapped, JSON.stringify(unwrapped));
    const answer = readAnswer(stdout);
    assert.ok('evidence' in answer, JSON.stringify(answer));
    return { text: unwrapped.text, evidence: answer.evidence };
  });
}

/** A node on which this kubelet runs as a service. */
export function windowsNode(commandLine: string | null, files: WindowsNode['files'] = {}): WindowsNode {
  const exe = 'C:\\k\\kubelet.exe';
  return {
    services: [{ name: 'kubelet', pid: 7 }],
    processes: [{ name: 'kubelet.exe', pid: 7, exe, commandLine, startedAt: 1_790_000_000 }],
    files: { [exe]: 'Kubernetes v1.33.5\n', ...files },
  };
}

/** So many files are read on one node: its answer must fit. */
const FILES_A_NODE = 40;

/** What it makes of each text as a drop-in, or as a kubeconfig, of a kubelet. */
export async function filteredOnWindows(kind: 'drop-in' | 'kubeconfig', texts: readonly string[]) {
  const path = (index: number) => `C:\\f\\${String(index).padStart(3, '0')}.conf`;
  const groups = Array.from({ length: Math.ceil(texts.length / FILES_A_NODE) }, (_, at) =>
    texts.slice(at * FILES_A_NODE, (at + 1) * FILES_A_NODE),
  );
  const nodes = groups.map((some) => {
    const named = kind === 'drop-in' ? ['--config-dir=C:\\f'] : some.map((_, index) => `--kubeconfig=${path(index)}`);
    return windowsNode(
      ['kubelet', ...named].join(' '),
      Object.fromEntries(some.map((text, index) => [path(index), text])),
    );
  });
  return (await collectedOnWindows(nodes)).flatMap(({ text, evidence }, at) =>
    (groups[at] ?? []).map((each, index) => {
      const [seen] = evidence.kubelets;
      const file = seen?.files.find((one) => one.path === path(index));
      const shape = seen?.kubeconfigs.find((one) => one.path === path(index));
      const sent = text.split(/^(?=file )/m).find((part) => part.includes(` ${path(index)}\n`)) ?? '';
      return {
        text: each,
        sent,
        ...(file?.content !== undefined && { content: file.content }),
        ...(file?.withheld !== undefined && { withheld: file.withheld }),
        ...(shape && { shape }),
      };
    }),
  );
}
