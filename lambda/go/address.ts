/**
 * IP addresses as the kubelet reads them, which is as Go did before 1.17: `010.0.0.1` is `10.0.0.1`, and a group of an
 * IPv6 address may have any number of leading zeros; zones are refused.
 * Source: k8s.io/utils/internal/third_party/forked/golang/net/ip.go, by k8s.io/utils/net.ParseIPSloppy.
 */
export function isAddress(text: string): boolean {
  // What comes first, a dot or a colon, decides which kind is meant.
  return text[text.search(/[.:]/)] === ':' ? isIpv6(text) : isIpv4(text);
}

function isIpv4(text: string): boolean {
  return /^\d+(\.\d+){3}$/.test(text) && text.split('.').every((field) => Number(field) <= 255);
}

/** Only of what isAddress accepts is it true that it is else an IPv4 address. Eight groups, the last two perhaps as an IPv4 address; `::` stands once for at least one group. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = halves.flat();
  const ending = halves.at(-1)?.at(-1);
  const embedded = ending?.includes('.') ?? false;
  if (embedded && !isIpv4(ending ?? '')) return false;
  const hexadecimal = embedded ? groups.slice(0, -1) : groups;
  if (!hexadecimal.every((group) => /^[\da-f]+$/i.test(group) && Number.parseInt(group, 16) <= 0xffff)) return false;
  const count = hexadecimal.length + (embedded ? 2 : 0);
  return halves.length === 1 ? count === 8 : halves.length === 2 && count < 8;
}
