/**
 * A platform is the kind of a node as far as it decides where a setting is written and how a change takes effect. This is
 * all that the scanner must know of a kind; who adds one writes a file that does not compile until it says everything.
 * A platform knows evidence and configuration, never a rule or its verdict.
 * Tested by test/platforms/index.test.ts.
 */
import type { EffectiveConfiguration, GateName, Setting, Source } from '../kubelet/configuration.ts';
import type { Evidence, FileEvidence, KubeletProcess } from '../kubelet/evidence.ts';
import type { Step } from './step.ts';

/** By what a kind of node is recognised. */
export type NodeSigns = {
  evidence: Pick<Evidence, 'os'>;
  kubelet: KubeletProcess;
  /** EC2 tags, or those of a managed node; empty for a node that is checked locally. */
  tags: Readonly<Record<string, string>>;
  /** Of the instance or the managed node; absent where nobody said it. */
  id?: string;
};

/** What a platform sees of a node: one kubelet, what it is effectively configured to do, and the node around it. */
export type NodeFacts = NodeSigns & { evidence: Evidence; configuration: EffectiveConfiguration };

/** A wanted value of one setting. */
export type Change = {
  /** v1beta1 path. */
  setting: string;
  /** Name of the flag without dashes. */
  flag: string;
  /** The wanted value as YAML. */
  value: string;
  /** The same as a flag's value, where a flag writes it otherwise: lists are `A,B`. */
  argument?: string;
  /** Whether another value that is already written beneath may stay; by default the wanted value alone may. */
  accepts?: (value: unknown) => boolean;
  /** What holds it now. */
  current: Setting<unknown>;
};

/** What to do. */
export type Advice = {
  steps: readonly Step[];
  /** The reader is to write the wanted value; otherwise another that will do stays, or something else decides. */
  writes: boolean;
};

/** Of a kubelet some of whose arguments nothing shows. */
export type HiddenArguments = {
  /** Why they are not known, as the beginning of a sentence; absent where its host hides them. */
  why?: string;
  /** Where a person should look instead. */
  look: Step;
  /** What its host is known to give it, which those that are seen come after. */
  own: readonly string[];
  /** Nothing unseen can come after those that are seen, so what they allow is certain too. */
  last: boolean;
};

export type Platform = {
  /** Stable, in kebab case: `eks-al2023`. */
  name: string;
  /** As its users call it. */
  title: string;

  /** It can be no other kind: its own operating system, program or unit, or files that only it names. */
  isCertain(node: NodeSigns): boolean;
  /** It is this kind if it is certainly no other: signs that others may share. */
  isLikely(node: NodeSigns): boolean;

  /** Set where nothing tells all arguments with which this kubelet was started. */
  hiddenArguments(kubelet: KubeletProcess): HiddenArguments | undefined;

  /** It gives --hostname-override on every node, whatever its users say. */
  namesNodes: boolean;
  /** Where its kube-proxy's kubeconfig and arguments are, if kube-proxy is a part of the kubelet's own process. */
  embeddedProxy: { kubeconfig: string; arguments: string } | undefined;

  /** How a setting gets another value for good: where it is written, and what makes it take effect. */
  change(node: NodeFacts, change: Change): Advice;
  /** kubeadm made the cluster, so its command is on the nodes of the control plane. */
  hasKubeadm: boolean;

  /** Where a feature gate is turned on that `source` holds off. It does not say how that takes effect. */
  openGate(node: NodeFacts, name: GateName, source: Source): Step;
  /** What makes the kubelet run with what was changed on the node. */
  restart(node: NodeFacts): Step;
  /** What makes a change take effect where this kind is configured; none where nothing must be done. */
  afterChange(node: NodeFacts): readonly Step[];
  /**
   * Whether its users set one by one how callers of the kubelet's API are authenticated and authorized; otherwise the
   * image decides all of it.
   */
  setsCallers: boolean;
  /** What installs the cluster lets the API server's user do all on kubelets, so that Webhook does not shut it out. */
  authorizesApiServer: boolean;
  /** Path of the file that holds the cluster's CA certificate. */
  clientCaFile: string;
  /** What must be done before the kubelet may insist on these kernel parameters (`vm.panic_on_oom=0`, …). */
  setKernelParameters(parameters: readonly string[]): readonly Step[];

  /** How the mode or owner of its files is changed. */
  files:
    | {
        byHand: true;
        /** What must be known before, where a chmod or chown can do harm. */
        beforehand?: Step;
        /** What must be done so that a chmod or chown of these files lasts. */
        lasting(files: readonly FileEvidence[], attribute: FileAttribute): readonly Step[];
      }
    | {
        byHand: false;
        /** What to do instead; `paths` are the files, readable. */
        instead(paths: string): Step;
      };

  clientCertificate: {
    /**
     * `kubelet`: it rotates where rotation is on. `installer`: what installed the node gives it one that lives long, and
     * with each new one the day moves on, so rotation is not needed.
     */
    renewedBy: 'kubelet' | 'installer';
    /** What to do where the kubelet asks, or should, but gets no new certificate. */
    approve(node: NodeFacts): readonly Step[];
    /** How an expired one is replaced, which cannot ask for its successor; `bootstraps`: --bootstrap-kubeconfig is set. */
    replace(node: NodeFacts, bootstraps: boolean): readonly Step[];
  };

  /**
   * What gives a kubelet without a client certificate its credentials and renews them, in a sentence, and the path of the
   * host's own certificate for which it does; where that can be told.
   */
  credentials?(node: NodeSigns): { by: string; certificate?: string } | undefined;

  upgrade:
    | {
        /** The node keeps its files: all that it was started with travels to the next version. */
        node: 'stays';
        /** What the upgrade itself takes out: this flag, of the file of this name, on the way to this minor. */
        cleans?: readonly { minor: number; flag: string; file: string }[];
      }
    | {
        /** A new node of a newer image takes its place, and what the user gave comes along. */
        node: 'is replaced';
        /**
         * What the image's own bootstrap writes for its version and what stays behind: names of flags, paths of files, and
         * the feature gates that it sets there in one version or another. Other gates in them are its user's.
         */
        bootstrap: { flags: readonly string[]; files: readonly string[]; gates: readonly string[] | 'all' };
      };
};

export type FileAttribute = 'mode' | 'owner';
