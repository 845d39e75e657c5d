import { serveChanges } from './changes-server.js';
import { makeMill } from './mill.js';

it('tells each change', async () => {
  const server = await serveChanges(['Main page', 'Water mill', 'Mill race']);
  const printed: string[] = [];
  try {
    await makeMill(server.url, (line) => printed.push(line)).run();
  } finally {
    await server.close();
  }
  expect(printed).toEqual(['Wiki change Main page!', 'Wiki change Water mill!', 'Wiki change Mill race!']);
});

it('fails with the reason of the source', async () => {
  await expect(makeMill('http://127.0.0.1:9/', () => {}).run()).rejects.toMatchObject({ code: 'WM_INPUT_FAILED' });
});
