import {
  type Broker,
  field,
  Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  message,
  Process,
  WaterMill,
} from 'watermill';
import { AudioFrame, AudioVideoFrame, VideoFrame } from './messages.js';

/** A quarter: it has an exact binary form, so that index times duration is exact, too. */
const FRAME_DURATION_SECONDS = 0.25;

/** Video frames have a time: whole seconds of it are the key. */
export const byTime = joinStreams(
  AudioFrame,
  joinWith(VideoFrame, {
    left: field(AudioFrame, 'timeSeconds'),
    right: field(VideoFrame, 'timeMs').floorDiv(1000),
  }),
);

/** The same second, computed from the frame number and the time of the first frame. */
export const byFrameIndex = joinStreams(
  AudioFrame,
  joinWith(VideoFrame, {
    left: field(AudioFrame, 'timeSeconds'),
    right: field(VideoFrame, 'frameIndex')
      .times(FRAME_DURATION_SECONDS)
      .plus(field(VideoFrame, 'firstFrameTsSeconds'))
      .floorDiv(1),
  }),
);

export class Muxer {
  @Process()
  merge(audio: AudioFrame, video: Joined<AudioFrame, VideoFrame>): AudioVideoFrame {
    const pictures = video.of(audio).map(({ picture }) => picture);
    return message(AudioVideoFrame, { timeSeconds: audio.timeSeconds, level: audio.level, pictures });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [AudioFrame, `${samples}/audio.json`],
    [VideoFrame, `${samples}/video.json`],
    [AudioVideoFrame, `${out}/audio-video.json`],
  ]);
}

export function makeMill(broker: Broker = files(), joinTree = byTime) {
  return new WaterMill({ process: Muxer, joinTree, broker });
}
