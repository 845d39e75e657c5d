const { promises: fs } = require('node:fs');

/**
 * Lets tests write files without waiting for the disk: what a process has written is there for the next one, also after a kill.
 * A loss of power is simulated (`spec/batches/powered-disk.ts`), and processes of their own sync as always.
 */
module.exports = async function unsynced() {
  const handle = await fs.open(__filename);
  const FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  // Of Node, so one for all test files of a worker.
  if (FileHandle.sync.isLeftOut) return;
  for (const name of ['sync', 'datasync']) {
    const real = FileHandle[name];
    FileHandle[name] = async function leftOut() {
      const stats = await this.stat();
      // What cannot be synced still says so.
      if (!stats.isFile() && !stats.isDirectory()) return real.call(this);
    };
    FileHandle[name].isLeftOut = true;
  }
};
