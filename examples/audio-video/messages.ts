import { Field, Message } from 'watermill';

@Message()
export class AudioFrame {
  @Field({ name: 'time_seconds' }) timeSeconds!: number;
  @Field() level!: number;
}

@Message()
export class VideoFrame {
  @Field({ name: 'time_ms' }) timeMs!: number;
  @Field({ name: 'frame_index' }) frameIndex!: number;
  /** The time of frame 0. */
  @Field({ name: 'first_frame_ts_seconds' }) firstFrameTsSeconds!: number;
  @Field() picture!: string;
}

@Message()
export class AudioVideoFrame {
  @Field({ name: 'time_seconds' }) timeSeconds!: number;
  @Field() level!: number;
  @Field(() => [String]) pictures!: string[];
}
