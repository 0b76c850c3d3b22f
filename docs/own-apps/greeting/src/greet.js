/** Greets whom the path of a request names. */
exports.handler = async ({ pathParameters }) => ({
  statusCode: 200,
  body: `${process.env.GREETING}, ${pathParameters.name}!\n`,
});
