import 'reflect-metadata';
import { serveBoard } from './board-server.js';
import { makeMill } from './mill.js';

/** Plays for two seconds, or with `--stay` until Ctrl-C. */
async function main(): Promise<void> {
  const stays = process.argv.includes('--stay');
  const mill = makeMill();
  const server = await serveBoard(mill, stays ? 8_080 : 0);
  console.log(`A live leaderboard: ${server.url}`);
  if (!stays) console.log(`To keep it open: node ${process.argv[1]} --stay`);
  process.once('SIGINT', () => void mill.stop());
  if (!stays) setTimeout(() => void mill.stop(), 2_000);
  console.log(`${await mill.run()}`);
  server.close();
}

void main();
