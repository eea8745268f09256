-- grain: one row per export of a survey's responses and scored question that it asks
{{ survey_questions('surveymonkey', ['responses'], [('nps', 'nps'), ('csat', 'csat'), ('ces', 'ces')]) }}
