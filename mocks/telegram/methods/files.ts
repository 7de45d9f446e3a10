import type {SendDocumentParams, SendPhotoParams} from '@gramio/types/params';
import {checkKeyboard} from '../keyboard.ts';
import type {Message, SentFile} from '../model.ts';
import {badRequest} from '../refusal.ts';
import {formatText} from '../text.ts';
import {chatFor} from '../world.ts';
import {charge, repliedTo, threadOf} from './messages.ts';
import type {Call, Methods} from './method.ts';

const CAPTION_UNITS_MAX = 1024;

export const files: Methods = {
  sendDocument: (params: SendDocumentParams, call: Call) => sendFile(params, params.document, 'document', call),

  sendPhoto: (params: SendPhotoParams, call: Call) => sendFile(params, params.photo, 'photo', call),
};

type FileParams = Omit<SendDocumentParams & SendPhotoParams, 'document' | 'photo'>;

/** Only uploads: a file is neither fetched from elsewhere nor sent a second time by its id. */
async function sendFile(params: FileParams, file: unknown, as: SentFile['as'], {world, bot}: Call): Promise<Message> {
  if (!(file instanceof File)) throw badRequest('wrong remote file identifier specified: only uploads are simulated');
  if (file.size === 0) throw badRequest('file must be non-empty');
  const raw = String(params.caption ?? '');
  const {text, entities} =
    raw === '' ? {text: '', entities: []} : formatText(raw, params.parse_mode, params.caption_entities);
  if (text.length > CAPTION_UNITS_MAX) throw badRequest('message caption is too long');
  const keyboard = checkKeyboard(params.reply_markup);
  const chat = chatFor(world, params.chat_id);
  const thread = threadOf(chat, params.message_thread_id);
  const reply = repliedTo(chat, params.reply_parameters);
  const bytes = Buffer.from(await file.arrayBuffer());
  if (as === 'photo') sizeOfPhoto(bytes);
  charge(world, chat);
  const ids = {
    file_id: `file-${chat.info.id}-${chat.messages.length + 1}`,
    file_unique_id: `u${chat.messages.length + 1}`,
  };
  const caption = {
    ...(text === '' ? {} : {caption: text}),
    ...(entities.length === 0 ? {} : {caption_entities: [...entities]}),
  };
  const content =
    as === 'photo'
      ? {photo: [{...ids, ...sizeOfPhoto(bytes), file_size: bytes.length}]}
      : {document: {...ids, file_name: file.name, file_size: bytes.length}};
  const stored = world.store(chat, {from: bot.user, ...content, ...caption, ...thread, ...reply, ...keyboard}, bot);
  stored.file = {as, name: file.name, bytes};
  return stored.current;
}

const PHOTO_BYTES_MAX = 10 * 1024 * 1024;
const PHOTO_SIDES_MAX = 10_000;

/** The official server reads every kind of picture; here it is PNG, whose sides stand at the same place of each. */
function sizeOfPhoto(bytes: Buffer): {width: number; height: number} {
  const isPng = bytes.subarray(1, 4).toString('latin1') === 'PNG' && bytes.length > 24;
  if (!isPng) throw badRequest('IMAGE_PROCESS_FAILED');
  if (bytes.length > PHOTO_BYTES_MAX) throw badRequest('file is too big for a photo');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width + height > PHOTO_SIDES_MAX) throw badRequest('PHOTO_INVALID_DIMENSIONS');
  return {width, height};
}
