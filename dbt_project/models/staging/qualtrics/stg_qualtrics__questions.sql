-- grain: one row per export of a survey's responses and scored question that it asks
{{ survey_questions(
    'qualtrics', ['responses', 'legacy_responses'], [('nps', 'nps'), ('nps', 'q1'), ('csat', 'csat'), ('ces', 'ces')]
) }}
