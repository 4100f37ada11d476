"""An import writes fourteen answers a record: their indexes hold what is looked for, and no blanks.

Choices are looked for among the facets of the register's rows (initiatives/0005).
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_uploads'),
        ('orgs', '0008_ended_by'),
        ('people', '0004_phone_numbers'),
        ('submissions', '0007_signals'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='answer',
            name='one_answer_a_field',
        ),
        migrations.RemoveConstraint(
            model_name='answer',
            name='a_file_once_a_field',
        ),
        migrations.RemoveIndex(
            model_name='answer',
            name='answer_choice',
        ),
        migrations.RemoveIndex(
            model_name='answer',
            name='answer_day',
        ),
        migrations.AlterField(
            model_name='answer',
            name='document',
            field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name='+', to='documents.document'),
        ),
        migrations.AlterField(
            model_name='answer',
            name='person',
            field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AlterField(
            model_name='answer',
            name='submission',
            field=models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name='typed', to='submissions.submission'),
        ),
        migrations.AlterField(
            model_name='answer',
            name='unit',
            field=models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name='+', to='orgs.unit'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(condition=models.Q(('day__isnull', False)), fields=['field', 'day', 'submission'], name='answer_day'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(condition=models.Q(('unit__isnull', False)), fields=['unit'], name='answer_unit'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='answer_person'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(condition=models.Q(('document__isnull', False)), fields=['document'], name='answer_document'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('submission', 'field', 'document'), name='one_answer_a_field', nulls_distinct=False),
        ),
    ]
