import Fastify from 'fastify';

/** The least that fastify can answer a ping with, on the port that is given. */
const app = Fastify();
app.get('/ping/:id', () => 'OK');
await app.listen({host: '127.0.0.1', port: Number(process.argv[2])});
