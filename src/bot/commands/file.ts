import type {ReplyFile} from '../../state/vocabulary.ts';

/** A text that is too long for a message, as a file. The server's name may hold what a file's name must not. */
export function textFile(name: string, text: string): ReplyFile {
  return {name: name.replace(/[^\w.-]/g, '_'), as: 'document', base64: Buffer.from(text).toString('base64')};
}
