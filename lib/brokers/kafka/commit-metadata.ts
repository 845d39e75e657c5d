import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { LaneStage } from '../partitions/lane-stage.js';

/** The default limit of the metadata of a committed offset, in bytes. */
export const metadataLimit = 4_096;

/** The commit of a lane: the driver's text, the lane's stage, and the plan. */
export interface LaneProgressText {
  readonly text: string;
  readonly stage: LaneStage;
  readonly plan: string;
}

/** Marks the offsets of topics that do not carry the vector. */
const companion = 'watermill';

/** The metadata of a committed offset that does not carry the vector: the id of its topic. */
export function companionMetadata(topicId: string | undefined): string {
  return topicId === undefined ? companion : `${companion}@${topicId}`;
}

export function isCompanion(metadata: string): boolean {
  return metadata === companion || metadata.startsWith(`${companion}@`);
}

/** The id of the topic of a committed offset, if known. */
export function topicIdIn(metadata: string): string | undefined {
  return /^watermill(?:1[-ome][^:=@]*)?@([\w-]+)/.exec(metadata)?.[1];
}

const letters: Readonly<Record<LaneStage, string>> = { open: '-', over: 'o', marked: 'm', ended: 'e' };
const stages = new Map(Object.entries(letters).map(([stage, letter]) => [letter, stage as LaneStage]));

/**
 * Writes the whole vector of a lane into the metadata of a single committed offset, so that it is committed atomically.
 * Texts that would be too long are compressed: keys and names are repetitive.
 */
export function writeMetadata({ text, stage, plan }: LaneProgressText, topicId?: string): string {
  const head = `watermill1${letters[stage]}${plan}${topicId === undefined ? '' : `@${topicId}`}`;
  if (Buffer.byteLength(text) + head.length < metadataLimit) return `${head}:${text}`;
  return `${head}=${deflateRawSync(text, { level: 9 }).toString('base64')}`;
}

/** Undefined if WaterMill did not write it. */
export function readMetadata(metadata: string): LaneProgressText | undefined {
  const found = /^watermill1([-ome])([^:=@]*)(?:@[\w-]+)?([:=])/.exec(metadata);
  if (found === null) return undefined;
  const [head, letter, plan, packing] = found as unknown as [string, string, string, string];
  const rest = metadata.slice(head.length);
  const text = packing === '=' ? inflateRawSync(Buffer.from(rest, 'base64')).toString() : rest;
  return { text, stage: stages.get(letter) as LaneStage, plan };
}
