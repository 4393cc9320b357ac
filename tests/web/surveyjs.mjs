// Runs a survey with survey-core: {survey, respondents: [{answers: [[name, row, value], …]}]} on the standard input.
// Answers are given one after another, as a person goes through the form; prints what was visible and stored.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Model } = createRequire(process.argv[2] + "/")("survey-core");
const { survey, respondents } = JSON.parse(readFileSync(0, "utf8"));
const shown = (model) =>
  Object.fromEntries(
    model.getAllQuestions().flatMap((question) =>
      question.getType() === "matrix"
        ? question.rows.map((row) => [row.value, question.isVisible])
        : [[question.name, question.isVisible]],
    ),
  );
const out = respondents.map(({ answers }) => {
  const model = new Model(survey);
  for (const [name, matrix, value] of answers) {
    if (matrix) model.setValue(matrix, { ...(model.getValue(matrix) ?? {}), [name]: value });
    else model.setValue(name, value);
  }
  const valid = Object.fromEntries(
    model.getAllQuestions().map((question) => [question.name, question.validate(false)]),
  );
  return { errors: (model.jsonErrors ?? []).map(String), visible: shown(model), valid, data: model.data };
});
const titles = {};
const model = new Model(survey);
for (const locale of model.getUsedLocales()) {
  model.locale = locale;
  titles[locale] = model.title;
}
process.stdout.write(JSON.stringify({ respondents: out, titles }));
