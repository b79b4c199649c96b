/** Which rules apply to a kubelet, by the version that it prints. Tested by test/kubelet/facts.test.ts. */
import type { KubeletVersion } from './configuration.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from './tables.ts';

/** The rules of one version, and what the reader should know about their choice. */
export type Rules = {
  version: KubeletVersion;
  /** Within OLDEST_MINOR…NEWEST_MINOR. */
  minor: number;
  /** OpenShift's kubelets only warn about feature gates that they do not know, and may claim a role for their node. */
  openshift: boolean;
  note?: string;
};

/** OpenShift builds carry the commit that they are from, as `v1.29.8+632b078`; k3s and RKE2 write `+k3s1`, `+rke2r1`. */
const OPENSHIFT = /\d\+[0-9a-f]{7,40}$/;

/** The version is one of OpenShift's builds. */
export function isOpenShift(text: string | undefined): boolean {
  return OPENSHIFT.test(text?.trim() ?? '');
}

/** Google's builds have flags of their own, such as --pod-sysctls, which GKE's start scripts pass. */
const GKE = /\d-gke\.\d/;

/** The flags of this version are known, each one: what is not among them makes its kubelet exit. */
export function isCovered({ known, minor, text }: KubeletVersion): boolean {
  return known && minor >= OLDEST_MINOR && minor <= NEWEST_MINOR && !GKE.test(text ?? '');
}

/** The version as another minor of the same builder would print it; what a node would do there can be asked by it. */
export function asMinor(text: string | undefined, minor: number): string {
  return text !== undefined && /1\.\d{1,4}(\.\d+)?/.test(text)
    ? text.replace(/1\.\d{1,4}(\.\d+)?/, `1.${minor}.0`)
    : `v1.${minor}.0`;
}

/** Reads what `kubelet --version` prints, as `v1.32.3-eks-473151a` or `Kubernetes v1.32.3`. */
export function rulesFor(text: string | undefined): Rules {
  const openshift = isOpenShift(text);
  const [, major, digits] = /(?:^|[\sv])(\d{1,3})\.(\d{1,4})(?!\d)/.exec(text ?? '') ?? [];
  if (major !== '1' || digits === undefined) {
    const version: KubeletVersion = { minor: NEWEST_MINOR, known: false };
    if (text !== undefined) version.text = text;
    const note = `the kubelet's version is not known: the rules of 1.${NEWEST_MINOR} were used`;
    return { version, minor: NEWEST_MINOR, openshift, note };
  }
  const minor = Number(digits);
  const version: KubeletVersion = { text: text ?? '', minor, known: true };
  if (minor > NEWEST_MINOR) {
    const note = `kubelet 1.${minor} is newer than the rules known here: those of 1.${NEWEST_MINOR} were used`;
    return { version, minor: NEWEST_MINOR, openshift, note };
  }
  if (minor < OLDEST_MINOR) {
    const note = `kubelet 1.${minor} is older than the rules known here: those of 1.${OLDEST_MINOR} were used`;
    return { version, minor: OLDEST_MINOR, openshift, note };
  }
  return { version, minor, openshift };
}
