/** EKS Hybrid Nodes, from their files to their findings: one in order, and those with a fault each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOneLine } from '../../../lambda/platforms/step.ts';
import { eksHybrid } from '../../../simulator/fleet/hybrid.ts';
import { findings, judged, NOW, situations } from '../../judging/roots.ts';

const image = { host: 'mi-0123456789abcdef0', version: 'v1.33.5-eks-113cf36', startedAt: NOW - 20 * 86_400 };
const press = { ...image, host: 'press-1' };

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
        'client-certificate-expiry': ['not-applicable', /aws-iam-authenticator/],
      },
    ],
    'with IAM Roles Anywhere, whose certificate lives': [
      eksHybrid(press, { provider: 'iam-ra' }),
      {
        'rotate-client-certificates': ['not-applicable', /IAM Roles Anywhere gives .*\/etc\/iam\/pki\/server\.pem/],
        'client-certificate-expiry': ['pass', /\/etc\/iam\/pki\/server\.pem expires on .*, in 1[78]\d days/],
        'kubelet-identity': ['not-applicable', /./],
        'kubelet-restart': ['pass', /./],
      },
    ],
    'with IAM Roles Anywhere, whose certificate has ended': [
      eksHybrid(press, { provider: 'iam-ra', certificateEnds: 10 }),
      { 'client-certificate-expiry': ['fail', /\/etc\/iam\/pki\/server\.pem expired on .*cannot authenticate/] },
    ],
    'with IAM Roles Anywhere, whose certificate ends in a few days': [
      eksHybrid(press, { provider: 'iam-ra', certificateEnds: 25 }),
      { 'client-certificate-expiry': ['fail', /its issuer has let 90 % of its life pass/] },
    ],
    'with IAM Roles Anywhere, whose certificate is where its NodeConfig says': [
      eksHybrid(press, { provider: 'iam-ra', certificatePath: '/opt/pki/host.pem' }),
      { 'client-certificate-expiry': ['manual', /Roles Anywhere gives .*not in the evidence: it is not there/] },
    ],
    'with IAM Roles Anywhere and rotation on, with which it could not authenticate': [
      eksHybrid(press, { provider: 'iam-ra', config: { rotateCertificates: true } }),
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

test('the certificate of Roles Anywhere is in the horizon, and where it is not read the advice says how to find it', async () => {
  const { certificates = [] } = await judged(eksHybrid(press, { provider: 'iam-ra' }));
  const own = certificates.filter(({ role }) => role === 'client');
  assert.deepEqual(
    own.map(({ path, renews, why }) => [path, renews, why]),
    [['/etc/iam/pki/server.pem', undefined, 'its issuer renews it']],
  );
  const { findings: found } = await judged(
    eksHybrid(press, { provider: 'iam-ra', certificatePath: '/opt/pki/host.pem' }),
  );
  const unread = found.find(({ rule }) => rule === 'client-certificate-expiry');
  assert.match(inOneLine(unread?.remediation ?? []), /grep -e --certificate \/etc\/aws\/hybrid\/config/);
});
