/** Where a client looks for the cluster. */
export interface BootstrapAddress {
  readonly host: string;
  readonly port: number;
  /** As people write it, and as errors name it. */
  readonly text: string;
}

/**
 * An address as it is given: `host:port`, an IPv6 address in brackets. For anything else, what is wrong with it, as a
 * sentence.
 */
export function parsedAddress(given: unknown): BootstrapAddress | string {
  if (typeof given !== 'string') return 'Each address is a string.';
  const text = given.trim();
  if (text === '') return 'An address is empty.';
  if (text.includes(',')) return 'Write each address as a separate element.';
  if (text.includes('/'))
    return `Write '${text.replace(/^.*:\/\//, '').replace(/\/.*$/, '')}', without a scheme or a path.`;
  const found = /^(?:\[([0-9a-fA-F:.]+(?:%[^\]\s]+)?)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text);
  if (found === null) return withoutForm(text);
  const [, literal, name, digits] = found;
  const port = Number(digits);
  if (port < 1 || port > 65_535) return `The port of '${text}' must be from 1 to 65535.`;
  return { host: (literal ?? name) as string, port, text };
}

function withoutForm(text: string): string {
  if (/^[^\s:[\]]+:?$/.test(text) || /^\[[^\]]*\]:?$/.test(text)) return `'${text}' has no port.`;
  if (/^[0-9a-fA-F:.]+$/.test(text)) return `Write the IPv6 address of '${text}' in brackets: '[::1]:9092'.`;
  return `'${text}' is not host:port.`;
}

/**
 * The client splits an address at its first colon, so an IPv6 address goes to it in a form without: `[::1]` is `[||1]`.
 * `hostOf` is the way back, for the code that opens the connection.
 */
export function clientAddress({ host, port }: BootstrapAddress): string {
  return `${host.includes(':') ? `[${host.replaceAll(':', '|')}]` : host}:${port}`;
}

export function hostOf(clientHost: string): string {
  return clientHost.startsWith('[') ? clientHost.slice(1, -1).replaceAll('|', ':') : clientHost;
}
