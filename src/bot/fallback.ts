import type {AlertConfig, Config} from '../config/config.ts';
import {personInLane} from '../state/oncall.ts';
import {audible} from '../state/policy.ts';
import type {CardMessage, Ending, Message} from '../state/vocabulary.ts';

/** What becomes of a message that its own channel refuses for good. */
export type Elsewhere =
  /** Another channel gets it, in this form; a card of which that has all but some ends is given up but for those. */
  | {readonly kind: 'moved'; readonly message: Message; readonly isGivenUp: boolean}
  /** The fallback says all of it by itself. */
  | {readonly kind: 'told'}
  | {readonly kind: 'nowhere'};

/**
 * To the `fallback` of its checks, else to the console, unless that says by itself what the message says: it does so of all
 * news that go there as well, and of an end if it was told of the beginning.
 */
export function createFallback(config: Config): (message: Message) => Elsewhere {
  const consoleChannel = [...config.channels.values()].find((channel) => channel.type === 'console')?.name;
  return (message) => {
    if (personInLane(message.channel) !== undefined) return fromPerson(message, config, consoleChannel);
    let isLost = false;
    const lacking: {readonly fallback: string; readonly isEnd: boolean}[] = [];
    for (const {alerts, heardIn} of subjectsOf(message, config)) {
      const fallback = alerts.fallback ?? consoleChannel;
      const copies = heardIn ?? audible(alerts.to, config);
      // This one's news would be lost with the message, whoever has copies of the others'.
      if (fallback === undefined || fallback === message.channel) isLost = true;
      else if (!copies.includes(fallback)) lacking.push({fallback, isEnd: heardIn !== undefined});
    }
    const [first] = lacking;
    if (!first) return {kind: isLost ? 'nowhere' : 'told'};
    const onlyEnds = !isLost && lacking.every(({isEnd}) => isEnd);
    return onlyEnds && message.kind === 'card'
      ? {kind: 'moved', message: endsFor(first.fallback, message), isGivenUp: true}
      : {kind: 'moved', message: unheardIn(first.fallback, message), isGivenUp: false};
  };
}

/**
 * Whoever is on call cannot be written to, as it is for people who have never pressed Start: the call goes to where the
 * check's news go, a group before all others, since a mention rings them there. The rest of it has been said there already.
 */
function fromPerson(message: Message, config: Config, consoleChannel: string | undefined): Elsewhere {
  if (message.kind !== 'card' && message.kind !== 'edit') return {kind: 'told'};
  const names = subjectsOf(message, config).flatMap(({alerts: {to, fallback = []}}) => [...to, fallback].flat());
  const channels = audible(names, config).flatMap((name) => config.channels.get(name) ?? []);
  const group = channels.find((channel) => channel.type === 'telegram' && channel.chatId < 0);
  const found = group ?? channels.find(({type}) => type === 'telegram') ?? channels[0];
  const channel = found?.name ?? consoleChannel;
  return channel === undefined ? {kind: 'nowhere'} : {kind: 'moved', message: {...message, channel}, isGivenUp: false};
}

/** A channel is told of no end that it tells by itself. */
function unheardIn(channel: string, message: Message): Message {
  if (message.kind === 'reply') return message;
  if (message.kind !== 'recovery') return {...message, channel};
  return {...message, channel, incidents: message.incidents.filter(({heardIn = []}) => !heardIn.includes(channel))};
}

function endsFor(channel: string, card: CardMessage): CardMessage {
  const {calls: _, oncall: __, ...rest} = card;
  const missed = card.missed.filter(({heardIn}) => heardIn && !heardIn.includes(channel));
  return {...rest, channel, incidents: [], total: 0, open: 0, missed};
}

interface Subject {
  readonly alerts: AlertConfig;
  /** Of an end: the channels that tell it by themselves, where that is not simply all to which the check's news go. */
  readonly heardIn?: readonly string[];
}

/** Of all the checks that the message names, as they may have different ones. Of one that has left nobody knows who was told. */
function subjectsOf(message: Message, config: Config): readonly Subject[] {
  const named = namedIn(message);
  if (named.length === 0) return [{alerts: config.alerts}];
  return named.map(({check, heardIn}) => ({
    alerts: config.checks.find(({name}) => name === check)?.alerts ?? {...config.alerts, to: []},
    ...(heardIn && {heardIn}),
  }));
}

function namedIn(message: Message): readonly Pick<Ending, 'check' | 'heardIn'>[] {
  switch (message.kind) {
    case 'card':
      return [...message.incidents, ...message.missed];
    case 'edit':
      // It rings nobody: its ends were told when its card was.
      return [...message.incidents, ...message.missed].map(({check}) => ({check}));
    case 'recovery':
    case 'reminder':
      return message.incidents;
    case 'flapping':
      return [message];
    case 'notice':
    case 'reply':
      return [];
  }
}
