import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('initiatives', '0001_registers'),
        ('orgs', '0001_units_in_time'),
        ('submissions', '0001_rounds_and_submissions'),
    ]

    operations = [
        migrations.AddField(
            model_name='batch',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='submissions.round'),
        ),
        migrations.AddField(
            model_name='batch',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='orgs.unit'),
        ),
        migrations.AddField(
            model_name='batchrow',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='initiatives.batch'),
        ),
        migrations.AddField(
            model_name='initiative',
            name='submission',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='initiative', to='submissions.submission'),
        ),
        migrations.AddField(
            model_name='initiative',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='orgs.unit'),
        ),
        migrations.AddField(
            model_name='batchrow',
            name='initiative',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='origin', to='initiatives.initiative'),
        ),
        migrations.AddField(
            model_name='recognition',
            name='by_unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.unit'),
        ),
        migrations.AddField(
            model_name='recognition',
            name='initiative',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recognitions', to='initiatives.initiative'),
        ),
        migrations.AddField(
            model_name='registrant',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registrants', to='orgs.unit'),
        ),
        migrations.AddField(
            model_name='initiative',
            name='registrant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='initiatives.registrant'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('round', 'sha256'), name='a_file_once_a_round'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.UniqueConstraint(fields=('initiative', 'by_unit'), name='recognised_once_by_a_body'),
        ),
        migrations.AddConstraint(
            model_name='registrant',
            constraint=models.UniqueConstraint(condition=models.Q(('folded', ''), _negated=True), fields=('unit', 'kind', 'folded'), name='one_registrant'),
        ),
        migrations.AddIndex(
            model_name='initiative',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('folded', name='gin_trgm_ops'), name='initiative_search'),
        ),
    ]
