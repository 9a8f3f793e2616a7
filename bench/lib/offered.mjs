/**
 * What a server offers before the login, as text: a program that comes back keeps it.
 * @param {number} port
 * @returns {Promise<string>}
 */
export async function offered(port) {
  // Computed, so that types can be checked before anything is built.
  const { connect } = await import(new URL("../../packages/pop3/dist/index.js", import.meta.url).href);
  const client = await connect({ host: "127.0.0.1", port, security: "plain" });
  await client.quit();
  return String(client.offered);
}
