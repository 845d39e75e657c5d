import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What a cluster takes at most beside a committed offset, in bytes, unless its administrator said otherwise. */
export const metadataLimit = 4_096;

/** What a lane commits: the driver's text, and whether the lane is over. */
export interface LaneProgressText {
  readonly text: string;
  readonly ended: boolean;
}

/**
 * A lane's whole vector travels as the metadata of one committed offset, so that it moves as one thing. Texts that would
 * be too long are packed: keys and names repeat themselves.
 */
export function writeMetadata({ text, ended }: LaneProgressText): string {
  const head = ended ? 'watermill1e' : 'watermill1-';
  if (Buffer.byteLength(text) + head.length < metadataLimit) return `${head}${text}`;
  return `${head}=${deflateRawSync(text, { level: 9 }).toString('base64')}`;
}

/** Undefined for what WaterMill has not written. */
export function readMetadata(metadata: string): LaneProgressText | undefined {
  const found = /^watermill1([e-])(=?)/.exec(metadata);
  if (found === null) return undefined;
  const rest = metadata.slice(found[0].length);
  const text = found[2] === '=' ? inflateRawSync(Buffer.from(rest, 'base64')).toString() : rest;
  return { text, ended: found[1] === 'e' };
}
