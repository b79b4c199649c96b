/**
 * EKS on Canonical's Ubuntu images: the kubelet is the snap kubelet-eks, to which an /etc/eks/bootstrap.sh like that of
 * Amazon Linux 2 gives --kubelet-extra-args after options of its own.
 * Tested by test/platforms/index.test.ts.
 */
import { EKS_SNAP } from './eks.ts';
import { eksAl2 } from './eks-al2.ts';
import type { Platform } from './platform.ts';
import { runsFrom } from './signs.ts';

export const eksUbuntu: Platform = {
  ...eksAl2,
  name: 'eks-ubuntu',
  title: 'EKS on Ubuntu',
  isCertain: (node) => runsFrom(node, EKS_SNAP),
  isLikely: () => false,
  upgrade: {
    node: 'is replaced',
    bootstrap: {
      // Those of the snap's options that the script sets itself; older versions of the image set more of them.
      flags: [
        'address',
        'anonymous-auth',
        'authentication-token-webhook',
        'authorization-mode',
        'cgroup-driver',
        'client-ca-file',
        'cloud-provider',
        'cluster-dns',
        'cluster-domain',
        'cni-bin-dir',
        'cni-conf-dir',
        'config',
        'container-runtime',
        'container-runtime-endpoint',
        'feature-gates',
        'kubeconfig',
        'network-plugin',
        'node-ip',
        'pod-infra-container-image',
        'register-node',
        'resolv-conf',
      ],
      files: ['/etc/kubernetes/kubelet/kubelet-config.json'],
      gates: ['KubeletCredentialProviders', 'RotateKubeletServerCertificate'],
    },
  },
};
