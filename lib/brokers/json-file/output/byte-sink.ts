/** The destination of an output's bytes, in order; one write at a time. */
export interface ByteSink {
  /** Resolves when the operating system has the bytes: they must not change before. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the written bytes survive a power failure, if the destination can. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
