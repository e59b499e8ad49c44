import { BlockList, isIP } from 'node:net'

/** What IANA reserves: own networks, this machine, link-local (where clouds keep their metadata), tests, multicast. */
const reserved4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const

/** Tunnels (2001::/23, 2002::/16) carry an IPv4 address of anybody's choice: nothing public is behind them. */
const reserved6 = [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const

const reserved = new BlockList()
for (const [address, prefix] of reserved4) reserved.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of reserved6) reserved.addSubnet(address, prefix, 'ipv6')

/** IPv6-only networks reach all of IPv4 through it: the address in its end decides. */
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')

/** In the one spelling of URLs: `64:ff9b::a00:1`. */
const embedded4 = (address: string): string => {
  const { hostname } = new URL(`http://[${address}]/`)
  const [high = 0, low = 0] = hostname
    .slice(1, -1)
    .split(':')
    .slice(-2)
    .map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** Whether an IP address is nobody's on the internet. Mapped ones (`::ffff:10.0.0.1`) count as what they map to; no address does, too. */
export const isPrivateAddress = (address: string): boolean => {
  const plain = address.replace(/%.*$/, '')
  const family = isIP(plain)
  if (family === 4) return reserved.check(plain, 'ipv4')
  if (family !== 6) return true
  return translated.check(plain, 'ipv6') ? reserved.check(embedded4(plain), 'ipv4') : reserved.check(plain, 'ipv6')
}

/** Names that no public resolver knows; a name without a dot is one of the own network. */
const privateName = /^[^.]*$|(?:^|\.)(?:localhost|local|internal|intranet|private|corp|home|lan|home\.arpa)$/

/** Whether the host of a URL is private by what is written: an address in any form that URLs have, or such a name. */
export const isPrivateHost = ({ hostname }: URL): boolean => {
  const host = hostname.replace(/\.+$/, '')
  const address = host.startsWith('[') ? host.slice(1, -1) : host
  return isIP(address) === 0 ? privateName.test(address) : isPrivateAddress(address)
}
