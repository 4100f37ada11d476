import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orgs', '0001_units_in_time'),
        ('packs', '0002_editions_never_change'),
    ]

    operations = [
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('indicator', models.CharField(max_length=60)),
                ('period', models.CharField(max_length=10)),
                ('axis', models.CharField(blank=True, max_length=60)),
                ('part', models.CharField(blank=True, max_length=60)),
                ('value', models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ('base', models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ('reading', models.CharField(default='then', max_length=10)),
                ('source_kind', models.CharField(max_length=60)),
                ('source_id', models.BigIntegerField()),
                ('as_of', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('synthetic', models.BooleanField(default=False)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='packs.edition')),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='orgs.group')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='orgs.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', 'period', 'indicator'], name='figure_of_unit')],
                'constraints': [models.UniqueConstraint(fields=('source_kind', 'source_id', 'indicator', 'axis', 'part'), name='stated_once_a_source'), models.CheckConstraint(condition=models.Q(models.Q(('axis', ''), ('part', '')), models.Q(('axis', ''), _negated=True), _connector='OR'), name='a_part_has_an_axis')],
            },
        ),
    ]
