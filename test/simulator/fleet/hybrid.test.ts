/** EKS Hybrid Nodes, from their files to their findings: one in order, three with a fault each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOneLine } from '../../../lambda/platforms/step.ts';
import { eksHybrid } from '../../../simulator/fleet/hybrid.ts';
import { findings, NOW, situations } from '../../judging/roots.ts';

const image = { host: 'mi-0123456789abcdef0', version: 'v1.33.5-eks-113cf36', startedAt: NOW - 20 * 86_400 };

situations({
  'EKS Hybrid Nodes': {
    'as nodeadm makes it': [
      eksHybrid(image),
      {
        'rotate-client-certificates': [
          'not-applicable',
          /aws-iam-authenticator .*Systems Manager gives .* renews them/,
        ],
        'anonymous-auth': ['pass', /false/],
        'kubelet-restart': ['pass', /./],
        'kubelet-kubeconfig-permissions': ['pass', /mode 644/],
      },
    ],
    'with IAM Roles Anywhere and rotation on, with which it could not authenticate': [
      eksHybrid({ ...image, host: 'press-1' }, { provider: 'iam-ra', config: { rotateCertificates: true } }),
      {
        'rotate-client-certificates': ['not-applicable', /true from .*00-nodeadm\.conf.*\/etc\/iam\/pki\/server\.pem/],
        'kubelet-restart': ['fail', /rotat/],
      },
    ],
    'a drop-in that opens the read-only port, and a flag that lets everybody in': [
      eksHybrid(image, { config: { readOnlyPort: 10255 }, flags: ['--anonymous-auth=true'] }),
      {
        'read-only-port': ['fail', /10255 from drop-in .*00-nodeadm\.conf/],
        'anonymous-auth': ['fail', /--anonymous-auth=true/],
      },
    ],
    'a kubeconfig that all may write': [
      eksHybrid(image, { kubeconfigMode: '666' }),
      { 'kubelet-kubeconfig-permissions': ['fail', /mode 666/] },
    ],
  },
});

test('a change is made in the NodeConfig, and nodeadm brings it to the node', async () => {
  const found = await findings(eksHybrid(image, { config: { readOnlyPort: 10255 }, flags: ['--anonymous-auth=true'] }));
  const advice = (rule: string) => inOneLine(found.find((each) => each.rule === rule)?.remediation ?? []);
  assert.match(
    advice('read-only-port'),
    /spec\.kubelet\.config of the node's NodeConfig.*nodeadm init --config-source/,
  );
  assert.match(advice('anonymous-auth'), /Remove `--anonymous-auth=true` from spec\.kubelet\.flags/);
  assert.doesNotMatch(advice('anonymous-auth'), /user data|launch template/);
});
