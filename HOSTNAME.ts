/** The name this server signs its messages with. Rollout rewrites this line; by hand, put your server's name here. */
export const HOSTNAME = 'my-server';
