import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_documents'),
    ]

    operations = [
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='photo', serialize=False, to='documents.document')),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('hash', models.BigIntegerField(null=True)),
                ('bands', models.GeneratedField(db_persist=True, expression=models.Func('hash', template='ARRAY[(((%(expressions)s >> 0) & 65535) | (0 << 16))::int, (((%(expressions)s >> 16) & 65535) | (1 << 16))::int, (((%(expressions)s >> 32) & 65535) | (2 << 16))::int, (((%(expressions)s >> 48) & 65535) | (3 << 16))::int]'), output_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None))),
                ('thumb', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='thumbs', to='documents.blob')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['bands'], name='photo_alike')],
            },
        ),
    ]
