import type { JoinPlaces } from './pair-join.js';
import { connect, freshName } from './redis-streams.js';

type Client = Awaited<ReturnType<typeof connect>>;

const perRead = 1_000;
const perWrite = 1_000;
const perCommit = 10_000;

interface Page {
  readonly messages: readonly { readonly id: string; readonly message: Record<string, string> }[];
}

/** One stream, which reads the next page while one is processed. */
class Side {
  private page: Page['messages'] = [];
  private at = 0;
  private reading: Promise<Page['messages']>;
  id = '0';
  parsed: any;

  constructor(
    private readonly client: Client,
    private readonly key: string,
  ) {
    this.reading = this.read('0');
  }

  head(): any {
    if (this.parsed !== undefined) return this.parsed;
    if (this.at === this.page.length) return undefined;
    this.parsed = JSON.parse(this.page[this.at]!.message.json as string);
    return this.parsed;
  }

  async more(): Promise<void> {
    this.page = await this.reading;
    this.at = 0;
    this.reading = this.read(this.page.at(-1)?.id ?? this.id);
  }

  pass(): void {
    this.parsed = undefined;
    this.id = this.page[this.at++]!.id;
  }

  private async read(id: string): Promise<Page['messages']> {
    const reply = (await this.client.xRead([{ key: this.key, id }], { COUNT: perRead })) as any;
    const [stream] = (Array.isArray(reply) ? reply : []) as Page[];
    return stream?.messages ?? [];
  }
}

/** The same join, hand-written: pages by `XREAD COUNT`, a merge, results by pipelined `XADD`, then the positions. */
export async function joinByHand({ left, right, output }: JoinPlaces, count: number): Promise<void> {
  const [reading, writing] = [await connect(), await connect()];
  const [lefts, rights] = [new Side(reading, left), new Side(reading, right)];
  const progress = freshName('progress');
  let batch = writing.multi();
  let inBatch = 0;
  let sinceCommit = 0;
  let flushing: Promise<unknown> = Promise.resolve();
  for (let made = 0; made < count; ) {
    const [here, there] = [lefts.head(), rights.head()];
    if (here === undefined) await lefts.more();
    if (there === undefined) await rights.more();
    if (here === undefined || there === undefined) continue;
    const isPair = here.time === there.time;
    if (isPair) {
      batch.xAdd(output, '*', { json: JSON.stringify({ time: here.time, x: here.x, y: there.y }) });
      made++;
      inBatch++;
      sinceCommit++;
    }
    if (here.time <= there.time) lefts.pass();
    if (isPair || there.time < here.time) rights.pass();
    if (inBatch >= perWrite || made === count) {
      await flushing;
      flushing = batch.execAsPipeline();
      batch = writing.multi();
      inBatch = 0;
    }
    if (sinceCommit >= perCommit || made === count) {
      await flushing;
      await writing.hSet(progress, { left: lefts.id, right: rights.id });
      sinceCommit = 0;
    }
  }
  await flushing;
  await writing.xAdd(output, '*', { watermill: 'end-of-stream' });
  await writing.del(progress);
  reading.destroy();
  writing.destroy();
}
