import type {Format} from './format.ts';

/**
 * A format whose moments are shown in each reader's own zone, in the reader's own way of writing it; the text between the tags
 * is what older apps show (core.telegram.org/bots/api#date-time-entity-formatting).
 */
export function inReadersZone(format: Format): Format {
  return {
    ...format,
    moment: (at, now) => {
      const text = format.time(at, now);
      const style = text === format.time(at, at) ? TIME : DATE_AND_TIME;
      return `<tg-time unix="${Math.floor(at / 1000)}" format="${style}">${text}</tg-time>`;
    },
  };
}

/** 14:03:07, and the same after a short date. */
const TIME = 'T';
const DATE_AND_TIME = 'dT';

/** For a server that does not know such times: what stands between the tags stays. */
export function withoutMoments(html: string): string {
  return html.replace(/<\/?tg-time\b[^>]*>/g, '');
}
