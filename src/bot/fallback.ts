import type {AlertConfig, Config} from '../config/config.ts';
import {personInLane} from '../state/oncall.ts';
import {audible} from '../state/policy.ts';
import type {Message} from '../state/vocabulary.ts';

/**
 * Where a message goes that its own channel refuses for good: to the `fallback` of its checks, else to the console.
 * The message's own channel means nowhere, since the fallback has a copy of its own of all that it says. Undefined: there
 * is no other channel.
 */
export function createFallback(config: Config): (message: Message) => string | undefined {
  const consoleChannel = [...config.channels.values()].find((channel) => channel.type === 'console')?.name;
  return (message) => {
    if (personInLane(message.channel) !== undefined) return fromPerson(message, config) ?? consoleChannel;
    let hasCopies = true;
    for (const alerts of alertsOf(message, config)) {
      const fallback = alerts.fallback ?? consoleChannel;
      // This one's news would be lost with the message, whoever has copies of the others'.
      if (fallback === undefined || fallback === message.channel) hasCopies = false;
      else if (!alerts.to.includes(fallback)) return fallback;
    }
    return hasCopies ? message.channel : undefined;
  };
}

/**
 * Whoever is on call cannot be written to, as it is for people who have never pressed Start: the call goes to where the
 * check's news go, a group before all others, since a mention rings them there. The rest of it has been said there already.
 */
function fromPerson(message: Message, config: Config): string | undefined {
  if (message.kind !== 'card' && message.kind !== 'edit') return message.channel;
  const names = alertsOf(message, config).flatMap(({to, fallback = []}) => [...to, fallback].flat());
  const channels = audible(names, config).flatMap((name) => config.channels.get(name) ?? []);
  const group = channels.find((channel) => channel.type === 'telegram' && channel.chatId < 0);
  return (group ?? channels.find(({type}) => type === 'telegram') ?? channels[0])?.name;
}

/** Of all the checks that the message names, as they may have different ones. Of one that has left nobody knows who was told. */
function alertsOf(message: Message, config: Config): AlertConfig[] {
  const names = checksOf(message);
  if (names.length === 0) return [config.alerts];
  return names.map((name) => config.checks.find((check) => check.name === name)?.alerts ?? {...config.alerts, to: []});
}

function checksOf(message: Message): readonly string[] {
  switch (message.kind) {
    case 'card':
    case 'edit':
      return [...message.incidents, ...message.missed].map(({check}) => check);
    case 'recovery':
    case 'reminder':
      return message.incidents.map(({check}) => check);
    case 'flapping':
      return [message.check];
    case 'notice':
    case 'reply':
      return [];
  }
}
