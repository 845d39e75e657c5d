import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { byFrameIndex, files, makeMill } from './mill.js';

void runAndShow(
  'Audio and video, joined by the second that is computed from the number of a frame.',
  makeMill(files(), byFrameIndex),
  'out/audio-video.json',
);
