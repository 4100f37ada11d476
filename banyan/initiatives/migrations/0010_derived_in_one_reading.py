"""What a row of the register carries is derived as before, at a third of the cost: an import of
a hundred thousand spent most of its time here.

Answers are read once for facets and measures; words as people type them are parted without taking
their signs apart. A change of many submissions derives their rows in one statement.
"""

from importlib import import_module

from django.db import migrations

FORWARDS = r"""
CREATE OR REPLACE FUNCTION initiatives_words(said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := replace(lower(said), '-', ' ');
    apart text;
    exact text[];
    bare text[];
    gap constant text := '[\s!-/:-@\[-`{-~“”‘’–—…·«»]+';
BEGIN
    IF plain ~ '[^a-z0-9 àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]' THEN
        plain := regexp_replace(plain, gap, ' ', 'g');
    END IF;
    -- Composed Vietnamese whose tones stand where they are looked for needs no taking apart.
    IF plain ~ '^[a-z0-9 àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]*[a-z0-9àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ][a-z0-9 àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]*$' AND plain !~ '[^ ]{60}'
       AND plain !~ '(?:^|[^q])[ou](?:[àáảãạèéẻẽẹỳýỷỹỵ](?![a-zàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ])|[ậặệ])' THEN
        RETURN array_to_tsvector(array_remove(array_remove(
            string_to_array(unaccent(plain) || ' =' || replace(plain, ' ', ' ='), ' '), ''), '='));
    END IF;
    apart := normalize(lower(normalize(said, NFC)), NFD);
    apart := regexp_replace(apart, '(?<!q)([ou])([aey])([\u0300\u0309\u0303\u0301\u0323])(?![a-z])', '\1\3\2', 'g');
    exact := regexp_split_to_array(normalize(apart, NFC), gap);
    bare := regexp_split_to_array(regexp_replace(replace(apart, 'đ', 'd'), '[\u0300-\u036f]', '', 'g'), gap);
    RETURN (SELECT array_to_tsvector(array_agg(DISTINCT word)) FROM (
        SELECT left(one, 60) AS word FROM unnest(bare) one WHERE one <> ''
        UNION ALL SELECT '=' || left(one, 60) FROM unnest(exact) one WHERE one <> '') AS both_ways);
END $$;

CREATE OR REPLACE FUNCTION initiatives_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    registrant text;
BEGIN
    SELECT s.state, s.counts_on, r.span, g.name, coalesce(told.facets, '{}'), coalesce(told.measures, '{}')
      INTO NEW.state, NEW.counts_on, NEW.span, registrant, NEW.facets, NEW.measures
      FROM submissions_submission s
      JOIN submissions_round r ON r.id = s.round_id
      LEFT JOIN initiatives_registrant g ON g.id = NEW.registrant_id,
           LATERAL (
        SELECT array_agg(key || '=' || said ORDER BY key || '=' || said) FILTER (WHERE NOT is_measure) AS facets,
               jsonb_object_agg(key, said::numeric) FILTER (WHERE is_measure) AS measures
          FROM (SELECT key, said, is_number OR said ~ '^[-0-9]' AS is_measure
                  FROM (SELECT key, value #>> '{}' AS said, jsonb_typeof(value) = 'number' AS is_number
                          FROM jsonb_each(s.answers) OFFSET 0) AS each
                 -- Bounds inside a pattern are slow: they are asked of long numbers alone.
                 WHERE is_number OR length(said) <= 60 AND (said ~ '^[a-z][a-z0-9_]*$'
                       OR said ~ '^-?[0-9]+([.][0-9]{1,4})?$'
                          AND (length(said) <= 15 OR said ~ '^-?[0-9]{1,15}([.][0-9]{1,4})?$'))) AS answered) AS told
     WHERE s.id = NEW.submission_id;
    IF TG_OP = 'INSERT' OR (NEW.title, NEW.code, NEW.registrant_id) IS DISTINCT FROM (OLD.title, OLD.code, OLD.registrant_id) THEN
        NEW.words := initiatives_words(concat_ws(' ', NEW.title, NEW.code, registrant));
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION initiatives_facets(jsonb);
DROP FUNCTION initiatives_measures(jsonb);

DROP TRIGGER row_told ON submissions_submission;
CREATE OR REPLACE FUNCTION initiatives_row_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Planned each time: for one row and for five thousand the best ways differ.
    EXECUTE 'UPDATE initiatives_initiative i SET state = now.state
               FROM now_told now JOIN before_told was ON was.id = now.id
              WHERE i.submission_id = now.id
                AND ((was.state, was.counts_on, was.round_id) IS DISTINCT FROM (now.state, now.counts_on, now.round_id)
                     OR was.answers IS DISTINCT FROM now.answers)';
    RETURN NULL;
END $$;
CREATE TRIGGER row_told AFTER UPDATE ON submissions_submission
    REFERENCING OLD TABLE AS before_told NEW TABLE AS now_told
    FOR EACH STATEMENT EXECUTE FUNCTION initiatives_row_again();
"""
BACKWARDS = """
DROP TRIGGER row_told ON submissions_submission; DROP TRIGGER row_told ON initiatives_initiative;
DROP FUNCTION initiatives_row_again(); DROP FUNCTION initiatives_row(); DROP FUNCTION initiatives_words(text);
"""
EARLIER = import_module("banyan.initiatives.migrations.0005_register_rows").FORWARDS


class Migration(migrations.Migration):
    """Rows derived in one reading, and in one statement where many change."""

    dependencies = [
        ("initiatives", "0009_index_of_homes"),
        ("submissions", "0008_indexes_of_answers_hold_answers"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS + EARLIER)]
