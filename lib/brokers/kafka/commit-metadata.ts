import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { LaneStage } from '../partitions/lane-stage.js';

/** How much metadata a cluster takes with a committed offset, in bytes, unless its administrator said otherwise. */
export const metadataLimit = 4_096;

/** What a lane commits: the driver's text, the lane's stage, and the plan that all of it belongs to. */
export interface LaneProgressText {
  readonly text: string;
  readonly stage: LaneStage;
  readonly plan: string;
}

/** Marks the offsets of the topics that do not carry the vector. */
const companion = 'watermill';

/** The metadata with the offset of a topic that does not carry the vector: which topic of its name that was. */
export function companionMetadata(topicId: string | undefined): string {
  return topicId === undefined ? companion : `${companion}@${topicId}`;
}

export function isCompanion(metadata: string): boolean {
  return metadata === companion || metadata.startsWith(`${companion}@`);
}

/** Which topic of its name a committed offset is one of, where that is known. */
export function topicIdIn(metadata: string): string | undefined {
  return /^watermill(?:1[-ome][^:=@]*)?@([\w-]+)/.exec(metadata)?.[1];
}

const letters: Readonly<Record<LaneStage, string>> = { open: '-', over: 'o', marked: 'm', ended: 'e' };
const stages = new Map(Object.entries(letters).map(([stage, letter]) => [letter, stage as LaneStage]));

/**
 * A lane's whole vector travels as the metadata of one committed offset, so that it moves as one thing. Texts that would
 * be too long are compressed: keys and names repeat themselves.
 */
export function writeMetadata({ text, stage, plan }: LaneProgressText, topicId?: string): string {
  const head = `watermill1${letters[stage]}${plan}${topicId === undefined ? '' : `@${topicId}`}`;
  if (Buffer.byteLength(text) + head.length < metadataLimit) return `${head}:${text}`;
  return `${head}=${deflateRawSync(text, { level: 9 }).toString('base64')}`;
}

/** Undefined for what WaterMill has not written. */
export function readMetadata(metadata: string): LaneProgressText | undefined {
  const found = /^watermill1([-ome])([^:=@]*)(?:@[\w-]+)?([:=])/.exec(metadata);
  if (found === null) return undefined;
  const [head, letter, plan, packing] = found as unknown as [string, string, string, string];
  const rest = metadata.slice(head.length);
  const text = packing === '=' ? inflateRawSync(Buffer.from(rest, 'base64')).toString() : rest;
  return { text, stage: stages.get(letter) as LaneStage, plan };
}
