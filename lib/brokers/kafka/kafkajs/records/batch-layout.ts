/**
 * The layout of batches since Kafka 0.11: the offsets of the header's fields, in bytes. The base offset comes first.
 */
export const lengthAt = 8;
export const leaderEpochAt = 12;
export const magicAt = 16;
export const checksumAt = 17;
/** The checksum covers the batch from here on. */
export const attributesAt = 21;
export const lastDeltaAt = 23;
export const firstTimeAt = 27;
export const maxTimeAt = 35;
export const producerAt = 43;
export const epochAt = 51;
export const sequenceAt = 53;
export const countAt = 57;
/** The size of the header. */
export const recordsAt = 61;

/** The length of a batch does not include the length field and the bytes before it. */
export const beforeLength = lengthAt + 4;
/** The number of the format. */
export const magic = 2;

export const compressionBits = 0x07;
export const appendTimeBit = 0x08;
export const transactionBit = 0x10;
export const controlBit = 0x20;
