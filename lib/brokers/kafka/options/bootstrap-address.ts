/** An address at which a client looks for the cluster. */
export interface BootstrapAddress {
  readonly host: string;
  readonly port: number;
  /** The usual notation, also used in errors. */
  readonly text: string;
}

/** Parses an address: `host:port`, with an IPv6 address in brackets. Otherwise returns what is wrong, as a sentence. */
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
 * The address in the form for the client, which splits an address at its first colon: `[::1]` becomes `[||1]`. `hostOf`
 * reverses that for the code that opens the connection.
 */
export function clientAddress({ host, port }: BootstrapAddress): string {
  return `${host.includes(':') ? `[${host.replaceAll(':', '|')}]` : host}:${port}`;
}

export function hostOf(clientHost: string): string {
  return clientHost.startsWith('[') ? clientHost.slice(1, -1).replaceAll('|', ':') : clientHost;
}
