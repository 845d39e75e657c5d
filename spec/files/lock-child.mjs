// A process that takes and gives back locks as its parent says: node lock-child.mjs, with an IPC channel.
import lock from '../../build/modules/dist/files/file-lock.js';

let held;

async function take(path) {
  try {
    held = await lock.FileLock.take(path, { inUse: (owner, file) => Object.assign(new Error(owner), { file }) });
    return { taken: true };
  } catch (error) {
    return { taken: false, owner: error.message, file: error.file };
  }
}

process.on('message', async ({ order, path }) => {
  if (order === 'take') process.send(await take(path));
  if (order === 'release') {
    await held?.release();
    held = undefined;
    process.send({});
  }
});
process.send({ ready: true });
