import { makeIptablesUtilChains } from '../../lambda/rules/make-iptables-util-chains.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(makeIptablesUtilChains, {
  'absent passes': { status: 'pass', audit: 'pass', reason: /true from the kubelet's default/, remediation: false },
  'absent without a config file passes too': { legacy: true, status: 'pass', audit: 'pass', reason: /true/ },
  'false in the file fails': {
    settings: { makeIPTablesUtilChains: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /false from \/var\/lib\/kubelet\/config\.yaml/,
    remediation: /set `makeIPTablesUtilChains: true`/i,
  },
  // Datadog's policy passes =0 and =f.
  'false by flag fails, however it is spelt': {
    settings: { makeIPTablesUtilChains: byFlag(false, '--make_iptables_util_chains=f') },
    status: 'fail',
    audit: 'fail',
    reason: /--make_iptables_util_chains=f/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
