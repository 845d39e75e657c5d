/** Where the bytes of an output go, in order; one write at a time. */
export interface ByteSink {
  /** Resolves when the bytes are with the system: until then they must not change. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes what was written outlive a loss of power, where that has a meaning. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
