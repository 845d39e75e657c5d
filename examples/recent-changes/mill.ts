import { CustomMessageBroker, message, processFunction, type SourceRequest, WaterMill } from 'watermill';
import { Change, Notice } from './messages.js';

/** Any async generator is a source: here the lines of an endless HTTP response. It is closed however the run ends. */
const linesOf = (url: string) =>
  async function* ({ signal }: SourceRequest<unknown>): AsyncGenerator<Change> {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    let rest = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      for (const text of lines) if (text !== '') yield message(Change, { text });
    }
  };

const tell = processFunction(Change, { emits: [Notice] }, ({ text }) =>
  message(Notice, { text: `Wiki change ${text}!` }),
);

export function makeMill(url: string, print: (line: string) => void): WaterMill {
  const broker = new CustomMessageBroker({
    sources: [[Change, linesOf(url)]],
    sinks: [[Notice, ({ text }) => print(text)]],
  });
  return new WaterMill({ process: tell, broker });
}
