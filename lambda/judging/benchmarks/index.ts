/** Every benchmark, one file each. Made by tools/benchmark-index.ts; tested by test/tools/benchmark-index.test.ts. */
import cis_eks_1_0_1 from './cis-eks-1.0.1.json' with { type: 'json' };
import cis_eks_1_1_0 from './cis-eks-1.1.0.json' with { type: 'json' };
import cis_eks_1_2_0 from './cis-eks-1.2.0.json' with { type: 'json' };
import cis_eks_1_4_0 from './cis-eks-1.4.0.json' with { type: 'json' };
import cis_eks_1_5_0 from './cis-eks-1.5.0.json' with { type: 'json' };
import cis_eks_1_6_0 from './cis-eks-1.6.0.json' with { type: 'json' };
import cis_eks_1_7_0 from './cis-eks-1.7.0.json' with { type: 'json' };
import cis_eks_1_8_0 from './cis-eks-1.8.0.json' with { type: 'json' };
import cis_eks_2_0_0 from './cis-eks-2.0.0.json' with { type: 'json' };
import cis_kubernetes_1_5_1 from './cis-kubernetes-1.5.1.json' with { type: 'json' };
import cis_kubernetes_1_6 from './cis-kubernetes-1.6.json' with { type: 'json' };
import cis_kubernetes_1_7 from './cis-kubernetes-1.7.json' with { type: 'json' };
import cis_kubernetes_1_8 from './cis-kubernetes-1.8.json' with { type: 'json' };
import cis_kubernetes_1_9 from './cis-kubernetes-1.9.json' with { type: 'json' };
import cis_kubernetes_1_10 from './cis-kubernetes-1.10.json' with { type: 'json' };
import cis_kubernetes_1_11 from './cis-kubernetes-1.11.json' with { type: 'json' };
import cis_kubernetes_1_12 from './cis-kubernetes-1.12.json' with { type: 'json' };
import cis_kubernetes_1_20 from './cis-kubernetes-1.20.json' with { type: 'json' };
import cis_kubernetes_1_23 from './cis-kubernetes-1.23.json' with { type: 'json' };
import cis_kubernetes_1_24 from './cis-kubernetes-1.24.json' with { type: 'json' };
import cis_kubernetes_2_0_1 from './cis-kubernetes-2.0.1.json' with { type: 'json' };
import cis_openshift_1_9_0 from './cis-openshift-1.9.0.json' with { type: 'json' };
import disa_kubernetes_stig_v2r6 from './disa-kubernetes-stig-v2r6.json' with { type: 'json' };

const files: readonly unknown[] = [
  cis_eks_1_0_1,
  cis_eks_1_1_0,
  cis_eks_1_2_0,
  cis_eks_1_4_0,
  cis_eks_1_5_0,
  cis_eks_1_6_0,
  cis_eks_1_7_0,
  cis_eks_1_8_0,
  cis_eks_2_0_0,
  cis_kubernetes_1_5_1,
  cis_kubernetes_1_6,
  cis_kubernetes_1_7,
  cis_kubernetes_1_8,
  cis_kubernetes_1_9,
  cis_kubernetes_1_10,
  cis_kubernetes_1_11,
  cis_kubernetes_1_12,
  cis_kubernetes_1_20,
  cis_kubernetes_1_23,
  cis_kubernetes_1_24,
  cis_kubernetes_2_0_1,
  cis_openshift_1_9_0,
  disa_kubernetes_stig_v2r6,
];

export default files;
