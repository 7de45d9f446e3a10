import {addressesOf, emailChannel, telegramChannel} from './channels.ts';
import type {Draft} from './draft.ts';
import {asFields, type Fields, isFields, isOn, jsonOf, textOf} from './fields.ts';
import type {Kuma} from './kuma.ts';

/** The channels by the ids of Kuma's notifications; what has no equal is missing, and said. */
export function readNotifications({notifications}: Kuma, draft: Draft): ReadonlyMap<number, string> {
  const channels = new Map<number, string>();
  for (const notification of notifications) {
    const config = configOf(notification);
    const name = textOf(notification.name) ?? textOf(config.name) ?? 'notification';
    const channel = channelOf(name, config, draft);
    if (channel !== undefined) channels.set(Number(notification.id), channel);
  }
  return channels;
}

function channelOf(name: string, config: Fields, draft: Draft): string | undefined {
  switch (config.type) {
    case 'telegram':
      return telegramChannel(draft, {
        name,
        token: textOf(config.telegramBotToken),
        chatId: config.telegramChatID,
        threadId: config.telegramMessageThreadID,
      });
    case 'smtp':
      return mailOf(name, config, draft);
    default:
      draft.lacks(`notification ${JSON.stringify(name)} of type ${textOf(config.type) ?? 'unknown'}`);
      return undefined;
  }
}

function mailOf(name: string, config: Fields, draft: Draft): string | undefined {
  const [to, cc, bcc] = [config.smtpTo, config.smtpCC, config.smtpBCC].map((text) => addressesOf(textOf(text)));
  const comments = [
    ...(isOn(config.smtpIgnoreTLSError)
      ? ['Kuma took any certificate of this server; here it is verified, against ca: if that is given']
      : []),
    ...(cc?.length || bcc?.length ? ['The recipients of copies are recipients'] : []),
  ];
  const mail = {
    name,
    host: textOf(config.smtpHost),
    port: config.smtpPort,
    tls: isOn(config.smtpSecure) ? ('tls' as const) : ('starttls' as const),
    user: textOf(config.smtpUsername),
    password: textOf(config.smtpPassword),
    from: textOf(config.smtpFrom),
    to: [...(to ?? []), ...(cc ?? []), ...(bcc ?? [])],
  };
  return emailChannel(draft, mail, comments);
}

/** A notification's own settings are JSON in a text. */
function configOf({config}: Fields): Fields {
  return isFields(config) ? config : asFields(jsonOf(config));
}
