const raw = 'raw: true and a deserializer that';

/**
 * The format of a value that is not JSON, if its first bytes tell: serializers of schema registries add a prefix. A
 * sentence with what to do; undefined for everything else.
 */
export function wireFormatOf(value: Buffer): string | undefined {
  const [first, second] = value;
  if (first === 0 && value.length >= 5) {
    const id = value.readUInt32BE(1);
    return `it is in the wire format of a schema registry (Confluent's: a zero byte, then the schema's id, here ${id}). Give the entry of the topic ${raw} decodes it with a schema registry client; of JSON, what follows byte 5 is the text.`;
  }
  if (first === 3 && (second === 0 || second === 5) && value.length >= 18) {
    const id = value.toString('hex', 2, 18).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    return `it is in the wire format of AWS Glue's schema registry (schema version ${id}). Give the entry of the topic ${raw} decodes it with a client of that registry.`;
  }
  if (first === 0xc3 && second === 1 && value.length >= 10) {
    const fingerprint = value.toString('hex', 2, 10);
    return `it is an Avro object in single-object encoding (schema fingerprint ${fingerprint}). Give the entry of the topic ${raw} decodes it with that schema.`;
  }
  return undefined;
}
