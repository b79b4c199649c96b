/** Nodes that projects of their own install, from their files to their findings: one in order, three with a fault each. */
import { charmed, kubespray, typhoon } from '../../../simulator/fleet/self-managed.ts';
import { NOW, situations } from '../../judging/roots.ts';

const image = { host: 'node1', version: 'v1.34.3', startedAt: NOW - 20 * 86_400 };

situations({
  Kubespray: {
    'as it makes a node': [
      kubespray(image),
      {
        'rotate-client-certificates': ['pass', /true from \/etc\/kubernetes\/kubelet-config\.yaml/],
        'anonymous-auth': ['pass', /false/],
        'client-certificate-expiry': ['pass', /./],
        'client-ca-permissions': ['pass', /^\/etc\/kubernetes\/ssl\/ca\.crt/],
        'hostname-override': ['manual', /Kubespray sets it/],
        'kubelet-restart': ['pass', /./],
      },
    ],
    'kubelet_rotate_certificates: false': [
      kubespray(image, { rotates: false, expiresDaysAfter: 30 }),
      {
        'rotate-client-certificates': ['pass', /false/],
        'client-certificate-expiry': ['fail', /expires on .*nothing will renew it/],
      },
    ],
    'kubelet_custom_flags against the file': [
      kubespray(image, { customFlags: ['--rotate-certificates=false', '--anonymous-auth=true'] }),
      {
        'rotate-client-certificates': ['fail', /--rotate-certificates=false/],
        'anonymous-auth': ['fail', /--anonymous-auth=true/],
      },
    ],
    'kube_read_only_port, and a unit that all may write': [
      kubespray(image, { readOnlyPort: 10255, unitMode: '666' }),
      {
        'read-only-port': ['fail', /10255 from \/etc\/kubernetes\/kubelet-config\.yaml/],
        'kubelet-service-permissions': ['fail', /kubelet\.service has mode 666/],
      },
    ],
  },
  Typhoon: {
    'as it makes a worker': [
      typhoon(image),
      {
        'rotate-client-certificates': ['pass', /true from \/etc\/kubernetes\/kubelet\.yaml/],
        'anonymous-auth': ['pass', /false/],
        'client-ca-permissions': ['pass', /^\/etc\/kubernetes\/ca\.crt/],
        'kubelet-service-permissions': ['not-applicable', /does not run as a systemd unit/],
        'client-certificate-expiry': ['pass', /./],
        'kubelet-restart': ['pass', /./],
      },
    ],
    'a snippet that turns rotation off': [
      typhoon(image, { config: ['rotateCertificates: false'], expiresDaysAfter: 30 }),
      {
        'rotate-client-certificates': ['fail', /false from \/etc\/kubernetes\/kubelet\.yaml/],
        'client-certificate-expiry': ['fail', /nothing will renew it/],
      },
    ],
    'a drop-in that adds an argument': [
      typhoon(image, { extraArguments: ['--anonymous-auth=true'] }),
      { 'anonymous-auth': ['fail', /--anonymous-auth=true/] },
    ],
    'a file that all may write': [
      typhoon(image, { configMode: '666' }),
      { 'kubelet-config-permissions': ['fail', /kubelet\.yaml has mode 666/] },
    ],
  },
  'Charmed Kubernetes': {
    'as it makes a worker': [
      charmed(image),
      {
        'rotate-client-certificates': ['not-applicable', /token/],
        'anonymous-auth': ['pass', /false/],
        'client-ca-permissions': ['pass', /^\/root\/cdk\/ca\.crt/],
        'kubelet-service-permissions': ['fail', /^\/etc\/systemd\/system\/snap\.kubelet\.daemon\.service/],
        'hostname-override': ['manual', /Charmed Kubernetes sets it/],
        'kubelet-restart': ['pass', /./],
      },
    ],
    'kubelet-extra-config that turns rotation on, with a token': [
      charmed(image, { extraConfig: ['rotateCertificates: true'] }),
      {
        'rotate-client-certificates': ['not-applicable', /token/],
        'kubelet-restart': ['fail', /rotat/],
      },
    ],
    'kubelet-extra-args and kubelet-extra-config against what the charm writes': [
      charmed(image, { extraArguments: ['--anonymous-auth=true'], extraConfig: ['readOnlyPort: 10255'] }),
      {
        'anonymous-auth': ['fail', /--anonymous-auth=true/],
        'read-only-port': ['fail', /10255 from \/root\/cdk\/kubelet\/config\.yaml/],
      },
    ],
    'a kubeconfig that its group may write': [
      charmed(image, { kubeconfigMode: '664' }),
      { 'kubelet-kubeconfig-permissions': ['fail', /\/root\/cdk\/kubeconfig has mode 664/] },
    ],
  },
});
