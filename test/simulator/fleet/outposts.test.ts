/** Nodes of a local EKS cluster on an Outpost: the control on rotation applies to them as to no other node of EKS. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOneLine } from '../../../lambda/platforms/step.ts';
import { eksOutpost } from '../../../simulator/fleet/outposts.ts';
import { findings, NOW, situations } from '../../judging/roots.ts';

const image = {
  host: 'ip-10-0-7-8.eu-central-1.compute.internal',
  version: 'v1.32.3-eks-473151a',
  startedAt: NOW - 20 * 86_400,
};

situations({
  Outposts: {
    'rotation on': [
      eksOutpost(image, { config: { rotateCertificates: true } }),
      {
        'rotate-client-certificates': ['pass', /true from .*40-nodeadm\.conf/],
        'client-certificate-expiry': ['pass', /./],
        'kubelet-restart': ['pass', /./],
        'anonymous-auth': ['pass', /false/],
      },
    ],
    'rotation off': [
      eksOutpost(image, { config: { rotateCertificates: false } }),
      { 'rotate-client-certificates': ['fail', /false from .*40-nodeadm\.conf/] },
    ],
    'as nodeadm makes it, shortly before its certificate ends': [
      eksOutpost(image, { expiresDaysAfter: 30 }),
      {
        'rotate-client-certificates': ['pass', /neither a flag nor a file sets it/],
        'client-certificate-expiry': ['fail', /nothing will renew it/],
      },
    ],
  },
});

test('an expired certificate: IAM lets the kubelet ask anew at its next start, without a token that somebody makes', async () => {
  const found = await findings(eksOutpost(image, { expiresDaysAfter: 10 }));
  const expiry = found.find(({ rule }) => rule === 'client-certificate-expiry');
  assert.equal(expiry?.status, 'fail');
  const advice = inOneLine(expiry?.remediation ?? []);
  assert.match(advice, /asks for a new certificate by IAM/);
  assert.doesNotMatch(advice, /bootstrap token/);
  assert.ok(found.some(({ controls }) => controls.some(({ benchmark }) => benchmark.startsWith('cis-eks'))));
});
