import { BlockList, isIP } from 'node:net';

/**
 * Addresses that lead inside: loopback, private, link-local (cloud metadata lies there), shared, reserved,
 * multicast. Source: IANA special-purpose registries, read 2026-11.
 */
const INSIDE = {
  ipv4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
    ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ],
  // Global addresses lie in 2000::/3. All others are inside, and with them every prefix that carries an IPv4
  // address: ::/96, ::ffff:0:0:0/96, NAT64. In 2000::/3: Teredo and others, documentation, 6to4.
  ipv6: ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
} as const;

const LISTS = { ipv4: listOf('ipv4'), ipv6: listOf('ipv6') };

/** One for each family: a list that has both takes every IPv4 address for a part of `::/3`. */
function listOf(family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of INSIDE[family]) {
    const [network = '', bits = '0'] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** An IPv4 address in the form that systems use to hand it to an IPv6 socket. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
/** ISATAP: the last 64 bits of an IPv6 address of any network carry an IPv4 address. */
const ISATAP = /:(?:0|200)?:?5efe:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/;

/**
 * True for an address that a workflow may not reach unless the deployment allows it. Anything that is no
 * address counts as inside.
 */
export function isInside(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  const version = isIP(plain);
  if (version !== 6) return version === 0 || LISTS.ipv4.check(plain, 'ipv4');
  const one = oneSpelling(plain);
  const mapped = MAPPED.exec(one);
  if (mapped) return LISTS.ipv4.check(fourParts(mapped[1] ?? '', mapped[2] ?? ''), 'ipv4');
  return ISATAP.test(one) || LISTS.ipv6.check(one, 'ipv6');
}

/** The address as the URL standard writes it: an IPv6 address has many spellings. */
function oneSpelling(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function fourParts(high: string, low: string): string {
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}
