import type {Config} from '../config/config.ts';
import type {Message} from '../state/vocabulary.ts';

/**
 * Where a message goes that its own channel refuses for good: to the `fallback` of its checks, else to the console.
 * The message's own channel means nowhere, since the fallback has its own copy. Undefined: there is no other channel.
 */
export function createFallback(config: Config): (message: Message) => string | undefined {
  const consoleChannel = [...config.channels.values()].find((channel) => channel.type === 'console')?.name;
  return (message) => {
    const check = 'incidents' in message ? message.incidents[0]?.check : undefined;
    const alerts = config.checks.find((other) => other.name === check)?.alerts ?? config.alerts;
    const fallback = alerts.fallback ?? consoleChannel;
    if (fallback === undefined || fallback === message.channel) return undefined;
    return alerts.to.includes(fallback) ? message.channel : fallback;
  };
}
