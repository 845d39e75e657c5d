import { Injectable } from '@nestjs/common';
import { message, Process } from 'watermill';
import { Limits } from './limits.module.js';
import { Alarm, Reading } from './messages.js';

/** The process is a provider as any other: Nest makes it, and injects what its constructor takes. */
@Injectable()
export class Watch {
  constructor(private readonly limits: Limits) {}

  @Process({ emits: [Alarm] })
  async watch({ at, sensor, celsius }: Reading): Promise<Alarm | undefined> {
    const limit = await this.limits.celsius(sensor);
    return celsius > limit ? message(Alarm, { at, text: `${sensor}: ${celsius} degrees` }) : undefined;
  }
}
