import {defineCheck, failed, ok, z} from 'vakhta/check';

/** Logs in to a REST API and looks at how many orders wait. */
export default defineCheck({
  options: z.strictObject({
    url: z.url(),
    user: z.string(),
    password: z.string().meta({secret: true}),
    max: z.int().min(0),
  }),
  async run({options: {url, user, password, max}, signal, log}) {
    const login = await fetch(new URL('login', url), {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({user, password}),
      signal,
    });
    if (login.status === 401) return failed(`the login of ${user} is refused`);
    if (!login.ok) return failed(`the login answers ${login.status}`);
    // What an API answers is looked at before it is used: a page of a proxy is no token.
    const {token} = z.object({token: z.string()}).parse(await login.json());

    const answer = await fetch(new URL('queues/orders', url), {headers: {authorization: `Bearer ${token}`}, signal});
    if (!answer.ok) return failed(`the queue answers ${answer.status}`);
    const {waiting} = z.object({waiting: z.int()}).parse(await answer.json());
    log(`${waiting} orders wait`);
    return waiting > max ? failed(`${waiting} orders wait, at most ${max} may`, {waiting}) : ok({waiting});
  },
});
