// The region that is deployed to. Serverless takes `--region`, then the template, and never looks at AWS_REGION,
// which is how `npm run deploy -- --region …` and every AWS tool say it: so the template does.
module.exports = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || 'us-east-1';
