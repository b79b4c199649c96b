import { anonymousCommands } from '../../lambda/rules/anonymous-commands.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const ANYBODY = { 'authentication.anonymous.enabled': byFlag(true, '--anonymous-auth') };
const ALLOWED = { 'authorization.mode': byFlag('AlwaysAllow', '--authorization-mode=AlwaysAllow') };

table(anonymousCommands, {
  'nobody without a name': {
    status: 'pass',
    reason: /anonymous\.enabled is false .*has said who they are/,
    remediation: false,
  },
  'without a config file both are open': {
    legacy: true,
    status: 'fail',
    reason: /enabled is true .* and authorization\.mode is AlwaysAllow .*: whoever reaches port 10250 runs commands/,
    remediation: /anonymous-auth=false/,
  },
  'the port is the one that it serves on': {
    settings: {
      'authentication.anonymous.enabled': inFile(true),
      'authorization.mode': inFile('AlwaysAllow'),
      port: inFile(11250),
    },
    status: 'fail',
    reason: /whoever reaches port 11250 runs commands/,
  },
  'anybody, and nobody asks': {
    settings: { ...ANYBODY, ...ALLOWED },
    status: 'fail',
    reason: /without a name/,
    remediation: /^Remove `--anonymous-auth`/,
  },
  'anybody, but the API server is asked': {
    settings: ANYBODY,
    status: 'manual',
    reason: /what system:anonymous may do/,
    remediation: /`kubectl auth can-i/,
  },
  'there is nothing to run them by': {
    settings: { ...ANYBODY, ...ALLOWED, enableDebuggingHandlers: inFile(false) },
    status: 'pass',
    reason: /enableDebuggingHandlers is false/,
  },
  'there is no server at all': {
    settings: { ...ANYBODY, ...ALLOWED, enableServer: inFile(false) },
    status: 'pass',
    reason: /serves no API/,
  },
  'AlwaysAllow alone is not this': { settings: ALLOWED, status: 'pass', reason: /has said who they are/ },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
