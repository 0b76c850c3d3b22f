import { BlockList, isIP } from 'node:net';

/** Addresses that lead inside: loopback, private, link-local (cloud metadata lies there), shared, reserved, multicast. Source: IANA special-purpose registries, read 2026-11. */
const INSIDE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/127', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
] as const;

const LIST = new BlockList();
for (const range of INSIDE) {
  const [network = '', bits = '0'] = range.split('/');
  LIST.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
}

/** True for an address that a workflow may not reach unless the deployment allows it. Anything that is no address counts as inside. */
export function isInside(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped) return isInside(mapped);
  const version = isIP(plain);
  return version === 0 || LIST.check(plain, version === 6 ? 'ipv6' : 'ipv4');
}
