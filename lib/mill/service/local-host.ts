import { isIP } from 'node:net';

/** Returns whether only this machine can connect to an address. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address);
}

/**
 * Returns whether the Host header of a request is an address, `localhost`, or `own`. A website can let a name of its own
 * resolve to 127.0.0.1: to a browser, what answers there is then a part of that site, which may read it (DNS rebinding).
 */
export function isLocalHost(header: string | undefined, own: string | undefined): boolean {
  if (header === undefined || header === '') return true;
  const [, address, name = ''] = /^(?:\[(.*)\]|([^:]*))(?::\d*)?$/.exec(header.toLowerCase()) ?? [];
  if (address !== undefined) return isIP(address) !== 0;
  return isIP(name) !== 0 || name === own?.toLowerCase() || /^(?:.*\.)?localhost\.?$/.test(name);
}
